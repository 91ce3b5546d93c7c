/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer that misbehaves: either end of the protocol as a program, over
 * /dev/xen/gntalloc, gntdev, evtchn and xenbus, with no driver bound.
 *
 *   xs.c      xenstore                    pages.c   grants and event channels
 *   memory.c  frames, and what accepts them
 *   frame.c   packets to send and to know again
 *   front.c   a frontend, in a guest      front_*.c what it does wrong
 *   back.c    a backend, in dom0          back_*.c  what it does wrong
 *
 * Everything that these files do well is there so that one thing at a time can
 * be done badly.
 */
#ifndef SPLITNET_HOSTILE_H
#define SPLITNET_HOSTILE_H

#include <stdarg.h>
#include "../../../include/accept.h"
#include "../../../include/wire.h"
#include "../../../include/ring.h"

#define STATE_INITIALISING	1
#define STATE_INIT_WAIT		2
#define STATE_CONNECTED		4
#define STATE_CLOSING		5
#define STATE_CLOSED		6
#define STATE_LAST		8

#define PAGE			4096
/* Grants below this one are the guest's console and xenstore. */
#define REF_FIRST		8
#define CANARY			0xca9a12d5u
#define WAIT_MS			8000
#define RECONNECT_MS		60000

/* What main.c tells the scenario. */
void expect(const char *counter, unsigned long count);
void expect_some(const char *counter);
void cut(unsigned int connections);
void may_cut(unsigned int connections);
/* An offer of ours was turned down, in so many lines of log. */
void refused(unsigned int lines);
/* There is a first good connection: from now on things are done wrong. */
void begun(void);
__attribute__((noreturn, format(printf, 1, 2)))
void wrong(const char *format, ...);
#define must(condition, ...) \
	do { if (!(condition)) wrong(__VA_ARGS__); } while (0)

u64 now_ms(void);
void sleep_ms(unsigned int ms);
extern unsigned int seconds;	/* how long offences that last do so */
u64 environment(const char *name, u64 absent);

/* A stream of numbers that a seed determines. */
struct dice {
	u64 state;
};

struct dice dice_new(u64 seed);
/* For the next thread that races: SEED's, then those of the seeds behind it. */
struct dice dice_of_race(void);
u32 dice_roll(struct dice *dice, u32 sides);
u32 dice_u32(struct dice *dice);

/* A run of random operations: SEED, OPS and RANDOM_S of the environment. */
struct random_run {
	struct dice dice;	/* of the connection at hand */
	u64 seed;		/* of the next one */
	u64 first;		/* of the first one */
	unsigned long ops, done;
	u64 start, end;
	u64 connecting;		/* ms spent on making and ending connections */
};

struct random_run random_run_begin(void);
/* After each operation: where the dice are tells a replay from another run. */
void random_run_note(const struct random_run *run, unsigned int done);
/* Is there another connection to be made? */
bool random_run_goes_on(struct random_run *run);
void random_run_end(const struct random_run *run);

/* xs.c: keys below a directory; a NULL key is the directory itself. */
char *xs_read(const char *dir, const char *key);	/* to be freed */
__attribute__((format(printf, 3, 4)))
bool xs_write(const char *dir, const char *key, const char *format, ...);
bool xs_write_bytes(const char *dir, const char *key, const void *bytes,
		    unsigned int length);
bool xs_rm(const char *dir, const char *key);
/* A key, if there is one, that differs from what is right; value NULL: left out. */
void xs_write_odd(const char *dir, const char *key, const char *value);
/* A value that is rarely right, until the next one; NULL as above. */
const char *xs_odd_value(struct dice *dice);
long xs_number(const char *dir, const char *key, long absent);
/* Every state after every other one, at once, and with time to act on it. */
void xs_state_orders(const char *dir);
#define STATE_ORDERS		(2 * 9 * 9)
/* The state is one of those whose bits are in @mask, within @ms. */
bool xs_wait(const char *dir, unsigned int mask, unsigned int ms);
#define STATES(a)		(1u << (a))

/* pages.c: a page that this domain grants */
struct grant {
	u32 ref;
	u64 index;
	u8 *mem;
};

bool grant_make(struct grant *grant, unsigned int domid, bool writable);
void grant_end(struct grant *grant);
/* A page that another domain granted, mapped; NULL if that fails. */
void *grant_map(unsigned int domid, u32 ref, u64 *index);
void grant_unmap(void *mem, u64 index);
/* Bytes into or out of a granted page, without mapping it. */
bool grant_put(unsigned int domid, u32 ref, unsigned int offset,
	       const void *from, unsigned int length);
bool grant_get(unsigned int domid, u32 ref, unsigned int offset, void *to,
	       unsigned int length);
int channel_offer(unsigned int domid);
int channel_accept(unsigned int domid, unsigned int port);
void channel_notify(int port);
/* The other end has it open. */
bool channel_has_peer(int port);
void channel_close(int port);

/* memory.c: what this domain has of Xen's memory; count is up to 64 */
#define SELF			0x7ff0

long hypercall(u64 op, u64 command, void *data, u64 count);
void *memory_map(const u64 *mfn, unsigned int count);
void memory_unmap(void *mem, unsigned int count);
void memory_give(u64 mfn);
/* Returns how many pages came, of @count times 2^@order. */
unsigned long memory_get(unsigned int order, unsigned int count);
/* One page of Xen's, as ours; false if there is none. */
bool memory_take(u64 *mfn);
/* Give a page that nobody has mapped to a grant that accepts one. False if it
 * does not; the page is Xen's then.
 */
bool memory_transfer(u64 mfn, unsigned int domid, u32 ref);
__attribute__((noreturn))
void memory_hog(void);
/* The grant table's entry that a grant is in, to be written to. */
struct sn_accept *accept_entry(u32 ref);

/* frame.c */
#define FRAME_MAX		65535

struct host {
	u8 mac[6];
	u8 ip[4];
};

bool mac_read(const char *text, u8 *mac);
unsigned int frame_arp(u8 *to, const struct host *from, const u8 *ip);
unsigned int frame_echo(u8 *to, const struct host *from,
			const struct host *dest, unsigned int bytes, u16 seq);
/* The same of nothing but canaries, and whether there is one in memory. */
unsigned int frame_canaries(u8 *to, const struct host *from,
			    const struct host *dest, unsigned int bytes);
bool shows_canary(const u8 *mem, unsigned int bytes);
/* TCP of so many payload bytes, with headers as a GSO sender writes them. */
unsigned int frame_tcp(u8 *to, const struct host *from,
		       const struct host *dest, unsigned int bytes);
unsigned int frame_tcp6(u8 *to, const struct host *from,
			const struct host *dest, unsigned int bytes);
unsigned int frame_fragment(u8 *to, const struct host *from,
			    const struct host *dest, unsigned int bytes,
			    u16 id);
/* Put VLAN tags into a frame, which grows by them. */
unsigned int frame_tag(u8 *frame, unsigned int tags, unsigned int length);
bool frame_is_arp_reply(const u8 *frame, unsigned int length, const u8 *ip,
			u8 *mac);
bool frame_is_arp_request(const u8 *frame, unsigned int length, const u8 *ip);
unsigned int frame_arp_reply(u8 *to, const struct host *from, const u8 *request);
/* An echo's answer with the same bytes. */
bool frame_answers(const u8 *frame, unsigned int length, const u8 *echo,
		   unsigned int echo_length);

/* front.c */
#define FRONT_TX_PAGES		24
#define FRONT_RX_PAGES		64

struct front {
	char dir[32];
	char *back;
	unsigned int back_id;
	struct host self, peer;
	struct grant tx_ring, rx_ring;
	struct grant tx_data[FRONT_TX_PAGES], rx_data[FRONT_RX_PAGES];
	int port_tx, port_rx;
	struct sn_front_ring tx, rx;
	s16 status[SN_RING_SLOTS];
	bool rx_quiet;		/* posts no requests by itself */
	const char *odd_key, *odd_value;	/* for xs_write_odd() */
	/* What is done to the rings before they are offered. */
	void (*bend)(struct front *f);
};

struct front *front_new(void);
void front_free(struct front *f);
/* From wherever the backend is to where it waits for our keys. */
void front_begin(struct front *f);
void front_make_rings(struct front *f);
void front_write_keys(struct front *f);
/* The whole way; false if the backend refuses. */
bool front_connect(struct front *f);
void front_must_connect(struct front *f);
void front_close(struct front *f);
void front_again(struct front *f);
/* The backend noticed, and cut the connection. */
void front_must_be_cut(struct front *f, const char *what);
/* A fatal fault was just made: it is noticed, and we start anew. */
void front_was_cut(struct front *f);
/* The backend must refuse the keys as they are. */
void front_must_be_refused(struct front *f, const char *what);
/* ... with this one odd. */
void front_must_refuse_key(struct front *f, const char *key, const char *value);

/* One slot; the next free one of the ring, not pushed. */
u32 front_put(struct front *f, u32 gref, u16 offset, u16 size, u16 flags);
void front_put_extra(struct front *f, const struct sn_extra *extra);
void front_push(struct front *f);
/* Every slot so far is answered; data slots' statuses are in f->status. */
bool front_reap(struct front *f, unsigned int ms);
/* All slots from @first on have this status. */
bool front_all(const struct front *f, u32 first, s16 status);
/* A packet cut into @slots slots of @size bytes each, and its answers. */
bool front_send(struct front *f, const u8 *frame, const u16 *size,
		unsigned int slots, const struct sn_extra *extra, u16 flags);
void front_post(struct front *f, unsigned int upto);
unsigned int front_receive(struct front *f, u8 *frame, unsigned int ms);
/* An echo through the backend and back, cut as given, or whole. */
bool front_echo_cut(struct front *f, const u16 *size, unsigned int slots);
bool front_echo(struct front *f, unsigned int bytes);
void front_hello(struct front *f);

/* random_front.c: a connection at random; where Rx requests may lead well */
typedef u32 random_good_ref(struct front *f, struct dice *dice);
struct random_run front_random_begin(struct front *f);
unsigned int front_random_round(struct front *f, struct random_run *run,
				random_good_ref *good);
void front_random_end(struct front *f, struct random_run *run);

/* back.c */
struct back {
	char dir[64], front[64], error[64];
	unsigned int domid;
	struct host self, peer;
	u64 tx_index, rx_index;
	struct sn_sring *tx_page, *rx_page;
	int port_tx, port_rx;
	struct sn_back_ring tx, rx;
	const char *odd_key, *odd_value;
	bool flips;		/* offers flips; every slot's bytes are one */
	bool untrusted;		/* the guest's toolstack says so */
};

struct back *back_new(unsigned int domid);
void back_write_keys(struct back *b);
bool back_connect(struct back *b);
void back_must_answer(struct back *b);
void back_must_connect(struct back *b);
void back_close(struct back *b);
void back_again(struct back *b);
/* The frontend noticed, and cut the connection. */
void back_must_be_cut(struct back *b, const char *what);
/* A page with these bytes for a grant; false if that does not accept it. */
bool back_flip(struct back *b, u32 ref, const void *bytes, unsigned int length,
	       u16 offset);

bool back_rx_wait(struct back *b, unsigned int slots, unsigned int ms);
/* The next Rx request, taken; what it gets as an answer. */
struct sn_rx_req back_rx_take(struct back *b, u32 *idx);
void back_rx_put(struct back *b, u32 idx, const struct sn_rx_rsp *rsp);
void back_rx_put_extra(struct back *b, u32 idx, const struct sn_extra *extra);
void back_rx_push(struct back *b);
/* Bytes into one slot. */
void back_rx_slot(struct back *b, const void *bytes, unsigned int length,
		  u16 offset, u16 flags);
void back_send(struct back *b, const u8 *frame, unsigned int length);
bool back_tx_take(struct back *b, struct sn_tx_req *req, unsigned int ms);
void back_tx_answer(struct back *b, u16 id, s16 status);
void back_tx_push(struct back *b);
/* The next packet out of the guest; its answers are given. */
unsigned int back_receive(struct back *b, u8 *frame, unsigned int ms);
/* Whether the guest answers such a request; others' are taken meanwhile. */
bool back_answered(struct back *b, const u8 *echo, unsigned int bytes);
bool back_echo(struct back *b, unsigned int bytes);
/* A request of the guest's that is not answered yet; it is made to send. */
struct sn_tx_req back_tx_one(struct back *b);

/* The offences. */
#define FRONT(fault, id, text)	void fault(struct front *f);
#define BACK(fault, id, text)	void fault(struct back *b);
#define LAB(fault, id, text)
#include "offences.h"
#undef FRONT
#undef BACK
#undef LAB

#endif /* SPLITNET_HOSTILE_H */
