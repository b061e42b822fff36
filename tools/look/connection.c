/* SPDX-License-Identifier: BSD-2-Clause */
#include "connection.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define RECEIVED_SIZE 65536U

bool target_fail(struct target *target, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(target->why, sizeof(target->why), format, arguments);
	va_end(arguments);
	return false;
}

static bool is_path(const char *place)
{
	return place[0] == '/' || place[0] == '.';
}

static int connect_path(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int found = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
	} else {
		memcpy(address.sun_path, path, strlen(path) + 1);
		if (found >= 0 && connect(found, (struct sockaddr *)&address, sizeof(address)) == 0) {
			return found;
		}
	}
	if (found >= 0) {
		(void)close(found);
	}
	return -1;
}

static int connect_host(const char *place)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
	const char *colon = strrchr(place, ':');
	char host[256] = "localhost";
	int found = -1;

	if (!colon || (size_t)(colon - place) >= sizeof(host)) {
		errno = EINVAL;
		return -1;
	}
	if (colon != place) {
		memcpy(host, place, (size_t)(colon - place));
		host[colon - place] = '\0';
	}
	errno = EHOSTUNREACH;
	if (getaddrinfo(host, colon + 1, &hints, &list)) {
		return -1;
	}
	for (const struct addrinfo *one = list; one && found < 0; one = one->ai_next) {
		found = socket(one->ai_family, one->ai_socktype, one->ai_protocol);
		if (found >= 0 && connect(found, one->ai_addr, one->ai_addrlen)) {
			(void)close(found);
			found = -1;
		}
	}
	freeaddrinfo(list);
	return found;
}

bool connection_open(struct connection *connection, struct target *target, const char *place, unsigned int timeout_s)
{
	*connection = (struct connection){.timeout_s = timeout_s};
	connection->socket = is_path(place) ? connect_path(place) : connect_host(place);
	if (connection->socket < 0) {
		return target_fail(target, "%s: no connection: %s", place,
				   errno == EINVAL ? "HOST:PORT is wanted" : strerror(errno));
	}
	connection->received = malloc(RECEIVED_SIZE);
	return connection->received || target_fail(target, "no memory");
}

void connection_close(struct connection *connection)
{
	if (connection->socket >= 0) {
		(void)close(connection->socket);
	}
	free(connection->received);
}

static bool lose(struct target *target, const char *why)
{
	target->is_lost = true;
	return target_fail(target, "%s: %s", target->place, why);
}

static bool wait_for(const struct connection *connection, short events)
{
	struct pollfd waited = {.fd = connection->socket, .events = events};
	int count;

	do {
		count = poll(&waited, 1, (int)connection->timeout_s * 1000);
	} while (count < 0 && errno == EINTR);
	return count > 0;
}

bool connection_send(struct connection *connection, struct target *target, const char *bytes, size_t size)
{
	while (size) {
		ssize_t sent = wait_for(connection, POLLOUT) ? send(connection->socket, bytes, size, MSG_NOSIGNAL) : 0;

		if (sent <= 0) {
			return lose(target, "it takes nothing any more");
		}
		bytes += sent;
		size -= (size_t)sent;
	}
	return true;
}

int connection_take(struct connection *connection, struct target *target)
{
	if (connection->at == connection->used) {
		ssize_t count;

		if (!wait_for(connection, POLLIN)) {
			(void)lose(target, "no answer in time");
			return -1;
		}
		count = recv(connection->socket, connection->received, RECEIVED_SIZE, 0);
		if (count <= 0) {
			(void)lose(target, "it has closed the connection");
			return -1;
		}
		connection->used = (size_t)count;
		connection->at = 0;
	}
	return (unsigned char)connection->received[connection->at++];
}
