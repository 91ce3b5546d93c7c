// SPDX-License-Identifier: GPL-2.0
/*
 * Grant references, a row of them claimed once for a queue's whole life: a
 * slot then only has to fill in and clear its entry.
 */
#include "netfront.h"

/**
 * snf_grants_claim() - claim a row of grant references
 * @gref: filled in
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
	if (err)
		return err;

	for (i = 0; i < count; i++)
		gref[i] = gnttab_claim_grant_reference(&head);

	return 0;
}

/**
 * snf_grants_free() - undo snf_grants_claim()
 * @gref: the row; entries that were taken back late are left out
 * @count: how many
 *
 * Context: any.
 */
void snf_grants_free(grant_ref_t *gref, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (gref[i] != INVALID_GRANT_REF)
			gnttab_free_grant_reference(gref[i]);
}

/**
 * snf_grants_take_back() - end a grant, whether or not the peer let go of it
 * @gref: the grant; set to INVALID_GRANT_REF
 * @page: what it granted, of which the caller gives up one reference
 *
 * If the peer still has the page mapped, page and reference are freed when it
 * unmaps it.
 *
 * Context: may sleep.
 */
void snf_grants_take_back(grant_ref_t *gref, struct page *page)
{
	gnttab_end_foreign_access(*gref, page);
	*gref = INVALID_GRANT_REF;
}
