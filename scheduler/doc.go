// Package scheduler is the half of the bot that the clock drives: it sends what others enqueued, and it notices what has
// become due.
//
// Outward, [Lanes] leases lanes of the outbox and drains each with one goroutine: one transaction settles the last attempt
// and takes the next delivery, then the adapter makes one attempt, then the pure [After] decides what follows. A wake-up
// from whoever committed a delivery makes it leave within milliseconds; a sweep covers lost wake-ups, retries that fell
// due, and what a dead node left behind.
//
// Inward, a [Sweep] looks at rows for what is due and not done: [Reminders], [Digests], [Purge]. [Jobs] runs every sweep
// each minute through River, on SQLite or PostgreSQL; [Fire], [Period] and [LastTick] are the pure decisions in them.
//
// Invariant: nothing here remembers what must not be lost. A lost wake-up, tick, job or node delays a message and never
// loses or doubles it: the rows, their unique keys and the lanes' fences decide.
package scheduler
