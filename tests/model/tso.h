/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory as x86's CPUs see it (TSO): a CPU's plain stores wait in a buffer of
 * its own, and reach memory in their order and at any later time; a full
 * barrier, or a locked instruction, waits until the buffer is empty.
 *
 * No CPU here loads what it stores itself, so loads need not look into the
 * buffer. A writer's own cursors are local variables.
 */
#define DEPTH	2	/* stores that a buffer holds */

byte mem[VARS];
chan buffer[CPUS] = [DEPTH] of { byte, byte };

/* WRITE_ONCE(), and any other plain store; with -DPROMPT there are no buffers */
#if defined(PROMPT)
#define STORE(cpu, var, value)	mem[var] = value
#else
#define STORE(cpu, var, value)	buffer[cpu]!var, value
#endif

/* READ_ONCE() */
#define LOAD(var)	mem[var]

/* smp_mb(), virt_mb() */
#define MB(cpu)		(empty(buffer[cpu]))

/* A locked instruction on @var: what it does may only be in d_step or atomic
 * behind this.
 */
#define LOCKED(cpu)	empty(buffer[cpu])

/* The hardware: stores go from the buffers to memory. */
active [CPUS] proctype drain()
{
	byte var, value;

end:	do
	:: atomic { buffer[_pid]?var, value -> mem[var] = value }
	od
}
