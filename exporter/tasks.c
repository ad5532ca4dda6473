/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 The mailgauge authors */

/* A list behind a lock, and a descriptor that wakes whoever polls it. */
#include "tasks.h"

#include "core/die.h"

#include <assert.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <utlist.h>

struct tasks {
	pthread_mutex_t lock; /* of the next two */
	struct task *list;
	bool has_ended;
	int fd;
};

struct tasks *
tasks_new(void)
{
	struct tasks *tasks = must_calloc(1, sizeof(*tasks));
	tasks->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (tasks->fd < 0)
		die_unknown("no descriptor for tasks");
	int failed = pthread_mutex_init(&tasks->lock, NULL);
	assert(!failed);
	return tasks;
}

void
tasks_free(struct tasks *tasks)
{
	if (tasks == NULL)
		return;
	pthread_mutex_destroy(&tasks->lock);
	close(tasks->fd);
	free(tasks);
}

void
tasks_give(struct tasks *tasks, struct task *task)
{
	static const uint64_t one = 1;
	pthread_mutex_lock(&tasks->lock);
	if (!tasks->has_ended)
		LL_APPEND(tasks->list, task);
	pthread_mutex_unlock(&tasks->lock);
	/* It fails only when 2^64 tasks wait, and then it is readable. */
	if (write(tasks->fd, &one, sizeof(one)) < 0)
		return;
}

/* Who has given one is let go by the server, and frees it, while others still come. */
void
tasks_end(struct tasks *tasks)
{
	pthread_mutex_lock(&tasks->lock);
	tasks->has_ended = true;
	tasks->list = NULL;
	pthread_mutex_unlock(&tasks->lock);
}

int
tasks_fd(const struct tasks *tasks)
{
	return tasks->fd;
}

void
tasks_run(struct tasks *tasks, void *owner)
{
	uint64_t count;
	if (read(tasks->fd, &count, sizeof(count)) < 0)
		return; /* nobody has called */
	pthread_mutex_lock(&tasks->lock);
	struct task *list = tasks->list;
	tasks->list = NULL;
	pthread_mutex_unlock(&tasks->lock);
	while (list != NULL) {
		struct task *task = list;
		list = task->next; /* run() may free it */
		task->run(task, owner);
	}
}
