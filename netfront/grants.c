// SPDX-License-Identifier: GPL-2.0
/*
 * Grant references, a row of them claimed once for a queue's whole life: a
 * slot then only has to fill in and clear its entry.
 */
#include "netfront.h"

/**
 * snf_grants_claim() - claim a row of grant references
 * @gref: filled in; with INVALID_GRANT_REF if there are none
 * @count: how many
 *
 * Context: may sleep. Return: 0 or a negative errno.
 */
int snf_grants_claim(grant_ref_t *gref, unsigned int count)
{
	grant_ref_t head;
	unsigned int i;
	int err;

	err = gnttab_alloc_grant_references(count, &head);
	for (i = 0; i < count; i++)
		gref[i] = err ? INVALID_GRANT_REF :
				gnttab_claim_grant_reference(&head);

	return err;
}

/**
 * snf_grants_free() - undo snf_grants_claim()
 * @gref: the row; what is INVALID_GRANT_REF is left out, and all are afterwards
 * @count: how many
 *
 * Context: any.
 */
void snf_grants_free(grant_ref_t *gref, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (gref[i] != INVALID_GRANT_REF)
			gnttab_free_grant_reference(gref[i]);
		gref[i] = INVALID_GRANT_REF;
	}
}

/**
 * snf_grants_end() - end a grant and free its reference
 * @gref: the grant; set to INVALID_GRANT_REF
 *
 * Context: any. Return: false, and the grant stays, if the peer has it mapped.
 */
bool snf_grants_end(grant_ref_t *gref)
{
	if (!gnttab_try_end_foreign_access(*gref))
		return false;

	*gref = INVALID_GRANT_REF;
	return true;
}

/**
 * snf_grants_settle() - end those grants of a row that the peer let go of
 * @gref: the row; what is INVALID_GRANT_REF is left out
 * @page: what each of them grants; a reference to it is put with the grant
 * @count: how many
 *
 * Context: any. Return: how many the peer has still mapped.
 */
unsigned int snf_grants_settle(grant_ref_t *gref, struct page **page,
			       unsigned int count)
{
	unsigned int i, held = 0;

	for (i = 0; i < count; i++) {
		if (gref[i] == INVALID_GRANT_REF)
			continue;
		if (snf_grants_end(&gref[i]))
			put_page(page[i]);
		else
			held++;
	}

	return held;
}

/**
 * snf_grants_abandon() - leave the grants of a row to the kernel
 * @gref: the row; what is INVALID_GRANT_REF is left out, and all are afterwards
 * @page: what each of them grants; a reference to it is the kernel's now, which
 *	puts it when it can end the grant
 * @count: how many
 *
 * Context: may sleep. Return: 0, nothing is left.
 */
unsigned int snf_grants_abandon(grant_ref_t *gref, struct page **page,
				unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (gref[i] != INVALID_GRANT_REF)
			gnttab_end_foreign_access(gref[i], page[i]);
		gref[i] = INVALID_GRANT_REF;
	}

	return 0;
}
