// SPDX-License-Identifier: GPL-2.0
/*
 * Accept entries, against every interleaving with a model of Xen.
 *
 * A page that is counted as given and never taken is lost to both domains; one
 * that is taken without having been given is somebody else's. So between any
 * two accesses of the owner to its entry the model may make any number of its
 * own steps, and all such runs are tried, one after another: whatever Xen has
 * committed must be taken exactly once, with the right frame and for the page
 * that was posted, and nothing else may be taken at all.
 */
#include "../../include/platform.h"

/* The owner's accesses, with the other side let in before each. */
static void others_move(void);

#undef READ_ONCE
#undef WRITE_ONCE
#define READ_ONCE(x) \
	(others_move(), __atomic_load_n(&(x), __ATOMIC_RELAXED))
#define WRITE_ONCE(x, v) \
	(others_move(), __atomic_store_n(&(x), (v), __ATOMIC_RELAXED))
#define sn_cmpxchg_u16(word, old, new) \
	(others_move(), (sn_cmpxchg_u16)(word, old, new))

#include "../../include/accept.h"
#include "ktap.h"

#define OWNER_SEES	7	/* the sender that is posted */
#define FIRST_PFN	100
#define FIRST_MFN	5000

/* What Xen does for one transfer, in steps that others may come between. */
enum xen_step {
	XEN_LOOK,	/* read flags and domid */
	XEN_COMMIT,	/* compare and swap */
	XEN_READ_PFN,
	XEN_WRITE_MFN,
	XEN_COMPLETE,
	XEN_STEPS,
};

/* How a transfer is to go wrong. */
enum xen_fate {
	FATE_RIGHT,
	FATE_STRANGER,	/* from a domain that was not named */
	FATE_STUCK,	/* Xen gives up between commit and completion */
	FATES,
};

#define TRANSFERS	2

/* Turns of the owner's slot: the second finds what the first left behind. */
#define TURNS		2

struct model {
	struct sn_accept entry;
	enum xen_fate fate[TRANSFERS];
	unsigned int transfer;	/* at hand */
	unsigned int step;
	u16 seen;
	/* What Xen believes to have given. */
	unsigned int given;
	u32 given_pfn[TRANSFERS];
	u32 given_mfn[TRANSFERS];
	bool stuck;
};

static struct model model;

/* The choices of a run, as digits of a number that counts up: how many steps
 * Xen makes at each of the owner's accesses.
 */
#define CHOICES_MAX	64

static unsigned int choice[CHOICES_MAX];
static unsigned int choice_limit[CHOICES_MAX];
static unsigned int choices, choice_at;

static unsigned int choose(unsigned int limit)
{
	if (choice_at == CHOICES_MAX)
		return 0;
	if (choice_at == choices) {
		choice[choices] = 0;
		choice_limit[choices++] = limit;
	}

	return choice[choice_at++];
}

/* The next run. False if all were made. */
static bool next_run(void)
{
	while (choices && choice[choices - 1] == choice_limit[choices - 1])
		choices--;
	if (!choices)
		return false;

	choice[choices - 1]++;
	return true;
}

static void xen_next_transfer(void)
{
	model.transfer++;
	model.step = XEN_LOOK;
}

static void xen_move(void)
{
	struct sn_accept *entry = &model.entry;
	enum xen_fate fate = model.fate[model.transfer];
	u16 sender = fate == FATE_STRANGER ? OWNER_SEES + 1 : OWNER_SEES;

	switch (model.step) {
	case XEN_LOOK:
		model.seen = entry->flags;
		if (model.seen != SN_ACCEPT_POSTED || entry->domid != sender) {
			xen_next_transfer();
			return;
		}
		break;
	case XEN_COMMIT:
		if (entry->flags != model.seen) {
			xen_next_transfer();
			return;
		}
		entry->flags |= SN_ACCEPT_COMMITTED;
		if (fate == FATE_STUCK) {
			model.stuck = true;
			xen_next_transfer();
			return;
		}
		break;
	case XEN_READ_PFN:
		model.given_pfn[model.given] = entry->frame;
		break;
	case XEN_WRITE_MFN:
		entry->frame = FIRST_MFN + model.transfer;
		model.given_mfn[model.given++] = entry->frame;
		break;
	case XEN_COMPLETE:
		entry->flags |= SN_ACCEPT_COMPLETED;
		xen_next_transfer();
		return;
	}
	model.step++;
}

static unsigned int xen_steps_left(void)
{
	return model.transfer == TRANSFERS ? 0 :
	       (TRANSFERS - model.transfer) * XEN_STEPS - model.step;
}

static void others_move(void)
{
	unsigned int steps = choose(xen_steps_left());

	while (steps-- && xen_steps_left())
		xen_move();
}

/* What the owner took. */
static unsigned int taken;
static u32 taken_pfn[TURNS];
static u32 taken_mfn[TURNS];

/* One turn of a slot: post, take. False if a page never comes. */
static bool owner_turn(u32 pfn)
{
	enum sn_taken what;
	u32 mfn = 0;

	sn_accept_post(&model.entry, OWNER_SEES, pfn);
	for (;;) {
		what = sn_accept_take(&model.entry, &mfn);
		if (what != SN_TAKEN_NOT_YET || !xen_steps_left())
			break;
		xen_move();
	}

	/* The other side has come to its end: what there is to come is there. */
	if (what == SN_TAKEN_NOT_YET)
		what = sn_accept_take(&model.entry, &mfn);
	if (what == SN_TAKEN_NOT_YET)
		return false;

	CHECK(!model.entry.flags, "idle after a take");
	if (what == SN_TAKEN_PAGE) {
		taken_pfn[taken] = pfn;
		taken_mfn[taken++] = mfn;
	}

	return true;
}

static unsigned long run_all(const enum xen_fate *fate)
{
	unsigned long runs = 0;
	unsigned int i;
	bool whole;

	choices = 0;
	do {
		memset(&model, 0, sizeof(model));
		memcpy(model.fate, fate, sizeof(model.fate));
		choice_at = 0;
		taken = 0;

		whole = true;
		for (i = 0; i < TURNS && whole; i++)
			whole = owner_turn(FIRST_PFN + i);

		CHECK(whole != model.stuck, "stuck exactly when Xen gave up");
		CHECK(taken == model.given, "run %lu: taken %u, given %u",
		      runs, taken, model.given);
		for (i = 0; i < taken && i < model.given; i++) {
			CHECK(taken_mfn[i] == model.given_mfn[i], "frame");
			CHECK(taken_pfn[i] == model.given_pfn[i], "page");
		}
		runs++;
	} while (next_run());

	return runs;
}

static void test_every_interleaving(void)
{
	enum xen_fate fate[TRANSFERS] = { FATE_RIGHT, FATE_RIGHT };
	unsigned long runs = run_all(fate);

	printf("# %lu interleavings\n", runs);
	CHECK(runs > 1000, "only %lu", runs);
}

static void test_every_fate(void)
{
	enum xen_fate fate[TRANSFERS];

	for (fate[0] = 0; fate[0] < FATES; fate[0]++)
		for (fate[1] = 0; fate[1] < FATES; fate[1]++)
			run_all(fate);
}

/* A restored domain finds its grant table blank. */
static void test_blank_entry(void)
{
	u32 mfn = 1;

	memset(&model, 0, sizeof(model));
	model.transfer = TRANSFERS;
	choices = 0;
	choice_at = 0;
	CHECK(sn_accept_take(&model.entry, &mfn) == SN_TAKEN_EMPTY);
	CHECK(!model.entry.flags);
	CHECK(mfn == 1, "untouched");
}

static void test_layout(void)
{
	CHECK(sizeof(struct sn_accept) == 8);
	CHECK(offsetof(struct sn_accept, domid) == 2);
	CHECK(offsetof(struct sn_accept, frame) == 4);
}

int main(void)
{
	static const struct ktap_case cases[] = {
		KTAP_CASE(every_interleaving),
		KTAP_CASE(every_fate),
		KTAP_CASE(blank_entry),
		KTAP_CASE(layout),
	};

	return ktap_run(cases, ARRAY_SIZE(cases));
}
