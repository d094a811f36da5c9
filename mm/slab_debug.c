/* SPDX-License-Identifier: MIT */
/*
 * How an object lies in its slab, and the checks of checked builds. There an object is followed
 * by a red zone, the link of the free chain, its state and who allocated and freed it last; a
 * free object is filled with 0x6b unless its cache has a constructor or readers that may still
 * look at it. Called by slab.c, any context; the object belongs to the caller.
 */
#include <jiffy/string.h>

#include "slab.h"

#ifdef JIFFY_CHECKED

#define RED_ZONE    0xbbbbbbbbbbbbbbbbUL
#define STATE_USED  0x75736564UL
#define STATE_FREE  0x66726565UL
#define POISON_FREE 0x6b
#define POISON_NEW  0x5a

struct slab_trailer {
	u64 red_zone;
	void *link;
	u64 state;
	unsigned long alloc_ip, free_ip;
};

static struct slab_trailer *trailer(struct kmem_cache *s, void *obj)
{
	return (struct slab_trailer *)((char *)obj + ALIGN(s->object_size, 8));
}

static bool poisons(const struct kmem_cache *s)
{
	return !s->ctor && !(s->flags & SLAB_TYPESAFE_BY_RCU);
}

void slab_layout(struct kmem_cache *s)
{
	s->offset = ALIGN(s->object_size, 8) + offsetof(struct slab_trailer, link);
	s->size = ALIGN(ALIGN(s->object_size, 8) + sizeof(struct slab_trailer), s->align);
}

static void die(struct kmem_cache *s, void *obj, const char *what)
{
	struct slab_trailer *t = trailer(s, obj);

	panic("slab %s: object %p: %s; allocated by %pS, freed by %pS", s->name, obj, what,
	      (void *)t->alloc_ip, (void *)t->free_ip);
}

void slab_debug_init(struct kmem_cache *s, void *obj)
{
	*trailer(s, obj) = (struct slab_trailer){.red_zone = RED_ZONE, .state = STATE_FREE};
	if (poisons(s))
		memset(obj, POISON_FREE, s->object_size);
}

void slab_debug_alloc(struct kmem_cache *s, void *obj, unsigned long ip)
{
	struct slab_trailer *t = trailer(s, obj);

	if (t->red_zone != RED_ZONE)
		die(s, obj, "something was written past its end");
	if (t->state != STATE_FREE)
		die(s, obj, "handed out while in use");
	if (poisons(s)) {
		for (unsigned int i = 0; i < s->object_size; i++)
			if (((u8 *)obj)[i] != POISON_FREE)
				die(s, obj, "written after it was freed");
		memset(obj, POISON_NEW, s->object_size);
	}
	t->state = STATE_USED;
	t->alloc_ip = ip;
}

void slab_debug_free(struct kmem_cache *s, void *obj, unsigned long ip)
{
	struct slab_trailer *t = trailer(s, obj);
	struct page *slab = virt_to_head_page(obj);

	if (!PageSlab(slab) || page_slab_cache(slab) != s)
		panic("slab %s: %p is not one of its objects; freed by %pS", s->name, obj,
		      (void *)ip);
	if (((char *)obj - (char *)page_address(slab)) % s->size)
		panic("slab %s: %p is inside an object; freed by %pS", s->name, obj, (void *)ip);
	if (t->state != STATE_USED)
		die(s, obj, "freed twice");
	if (t->red_zone != RED_ZONE)
		die(s, obj, "something was written past its end");
	t->state = STATE_FREE;
	t->free_ip = ip;
	if (poisons(s))
		memset(obj, POISON_FREE, s->object_size);
}

#else

/*
 * A free object holds the link in its first word, unless somebody still may look at it: then
 * the link has a word of its own behind the object.
 */
void slab_layout(struct kmem_cache *s)
{
	bool apart = s->ctor || (s->flags & SLAB_TYPESAFE_BY_RCU);

	s->offset = apart ? ALIGN(s->object_size, 8) : 0;
	s->size = ALIGN(ALIGN(max(s->object_size, 8U), 8) + (apart ? 8 : 0), s->align);
}

#endif
