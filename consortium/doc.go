// Package consortium holds what Lianbang is about and the rules that hold for it: people and units, activities with their
// sign-ups and waiting lists, needs and how they are closed, reminders, digests. It knows no chat, no words and no SQL.
//
// Rules are plain functions: they take the values and the present moment and return new values, so that a table can test
// them. What a rule needs from storage is named by a small interface beside the type; all of them are bound to one
// transaction, which carries its own deadline, and therefore take no context.
//
// Invariant: a value that a rule returns is valid; storage saves it only if nobody changed it meanwhile (Version).
package consortium
