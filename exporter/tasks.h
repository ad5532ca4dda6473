/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * tasks: what other threads want done by the one that runs the checks.
 *
 *	(any thread)      tasks_give(tasks, &task);
 *	(that one)        poll tasks_fd(tasks); tasks_run(tasks, owner);
 *
 * What is always true: each task is run once, in the order in which they were given.
 */
#ifndef MAILGAUGE_EXPORTER_TASKS_H
#define MAILGAUGE_EXPORTER_TASKS_H

/* Embedded in what the giver keeps alive until it has been run. */
struct task {
	void (*run)(struct task *task, void *owner);
	struct task *next; /* ours */
};

struct tasks;

struct tasks *tasks_new(void);
void tasks_free(struct tasks *tasks); /* what was not run is not run */

void tasks_give(struct tasks *tasks, struct task *task);

int tasks_fd(const struct tasks *tasks); /* readable when there are some */
void tasks_run(struct tasks *tasks, void *owner);

#endif
