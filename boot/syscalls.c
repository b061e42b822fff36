/* SPDX-License-Identifier: BSD-2-Clause */
/* newlib's system calls: output goes to the console, there is no heap and no input. */
#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>

#include "boot.h"
#include "report/print.h"

int _write(int file, const char *text, int size);
int _read(int file, char *buffer, int size);
void *_sbrk(ptrdiff_t increment);
int _close(int file);
int _fstat(int file, struct stat *status);
int _isatty(int file);
int _lseek(int file, int offset, int whence);
int _getpid(void);
int _kill(int process, int signal);
_Noreturn void _exit(int status);

int _write(int file, const char *text, int size)
{
	(void)file;
	if (size > 0) {
		print_bytes(text, (size_t)size);
	}
	return size;
}

int _read(int file, char *buffer, int size)
{
	(void)file;
	(void)buffer;
	(void)size;
	return 0;
}

void *_sbrk(ptrdiff_t increment)
{
	(void)increment;
	errno = ENOMEM;
	return (void *)-1;
}

int _close(int file)
{
	(void)file;
	return 0;
}

int _fstat(int file, struct stat *status)
{
	(void)file;
	status->st_mode = S_IFCHR;
	return 0;
}

int _isatty(int file)
{
	(void)file;
	return 1;
}

int _lseek(int file, int offset, int whence)
{
	(void)file;
	(void)offset;
	(void)whence;
	return 0;
}

int _getpid(void)
{
	return 1;
}

int _kill(int process, int signal)
{
	(void)process;
	(void)signal;
	errno = EINVAL;
	return -1;
}

_Noreturn void _exit(int status)
{
	if (status) {
		boot_fatal("the C library ended the run");
	}
	boot_power_off();
}
