/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/*
 * tasks: what other threads want done by the one that runs the checks.
 *
 *	(any thread)      tasks_give(tasks, &task);
 *	(that one)        poll tasks_fd(tasks); tasks_run(tasks, owner);
 *
 *	(that one)        tasks_end(tasks);
 *
 * What is always true: each task is run once, in the order in which they were given,
 * but for those that have not been run by tasks_end(), or are given later: these are
 * never run, and not touched any more.
 */
#ifndef MAILGAUGE_EXPORTER_TASKS_H
#define MAILGAUGE_EXPORTER_TASKS_H

/* Embedded in what the giver keeps alive until it has been run, or the end. */
struct task {
	void (*run)(struct task *task, void *owner);
	struct task *next; /* ours */
};

struct tasks;

struct tasks *tasks_new(void);
void tasks_end(struct tasks *tasks);
void tasks_free(struct tasks *tasks);

void tasks_give(struct tasks *tasks, struct task *task);

int tasks_fd(const struct tasks *tasks); /* readable when there are some */
void tasks_run(struct tasks *tasks, void *owner);

#endif
