/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of side-cores: a queue moves, is put to sleep, is woken. They
 * are called netback:queue_handover and so on: each module has its own, so
 * SN_TRACE_SYSTEM is the includer's.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM SN_TRACE_SYSTEM

#if !defined(SPLITNET_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define SPLITNET_TRACE_H

#include <linux/netdevice.h>
#include <linux/tracepoint.h>

/* -1 is NAPI, which has no CPU of its own. */
TRACE_EVENT(queue_handover,
	    TP_PROTO(const struct net_device *dev, unsigned int queue,
		     int from, int to),
	    TP_ARGS(dev, queue, from, to),
	    TP_STRUCT__entry(__array(char, name, IFNAMSIZ)
			     __field(unsigned int, queue)
			     __field(int, from)
			     __field(int, to)),
	    TP_fast_assign(memcpy(__entry->name, dev->name, IFNAMSIZ);
			   __entry->queue = queue;
			   __entry->from = from;
			   __entry->to = to;),
	    TP_printk("%s queue=%u from=%d to=%d", __entry->name,
		      __entry->queue, __entry->from, __entry->to)
);

DECLARE_EVENT_CLASS(queue_on_cpu,
		    TP_PROTO(const struct net_device *dev, unsigned int queue,
			     unsigned int cpu),
		    TP_ARGS(dev, queue, cpu),
		    TP_STRUCT__entry(__array(char, name, IFNAMSIZ)
				     __field(unsigned int, queue)
				     __field(unsigned int, cpu)),
		    TP_fast_assign(memcpy(__entry->name, dev->name, IFNAMSIZ);
				   __entry->queue = queue;
				   __entry->cpu = cpu;),
		    TP_printk("%s queue=%u cpu=%u", __entry->name,
			      __entry->queue, __entry->cpu)
);

DEFINE_EVENT(queue_on_cpu, queue_sleep,
	     TP_PROTO(const struct net_device *dev, unsigned int queue,
		      unsigned int cpu),
	     TP_ARGS(dev, queue, cpu)
);

DEFINE_EVENT(queue_on_cpu, queue_wake,
	     TP_PROTO(const struct net_device *dev, unsigned int queue,
		      unsigned int cpu),
	     TP_ARGS(dev, queue, cpu)
);

#endif /* SPLITNET_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
