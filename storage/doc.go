// Package storage keeps everything Lianbang knows in SQLite (one machine) or PostgreSQL (any number), from one SQL text.
//
// [Open] brings the schema up to date, proves the sealing key and returns a [DB]. [DB.Do] runs one unit of work on a [Tx],
// which is the transaction-bound store of the handlers: the ledger of events, questions and deliveries, and the aggregates
// of package consortium, one file each. On SQLite one goroutine owns the write connection and commits up to 128 units
// together, a syncer makes the commit durable while the next one is made, and only then are the units answered; on
// PostgreSQL a unit is a transaction on the pool. [DB.Look] runs what most likely only reads beside the writer, [DB.View]
// what certainly does. The outbox methods ([DB.Claim], [DB.Advance]) serve the lanes of package scheduler. Confidential
// columns are sealed (seal.go), and every change of state leaves an audit row in a hash chain that [DB.VerifyAudit] walks.
//
// Invariant: when Do returns nil, all that the unit did, with its audit rows, is on disk; when it returns an error, nothing
// of it is.
package storage
