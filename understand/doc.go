// Package understand turns what people write to a bot into an intent with fields. It is pure: no I/O, no model, no network.
//
// A message goes through these stages, each in files of its own:
//
//  1. normalise (normal.go, variant.go): half-width, simplified, small letters, with a map back to byte offsets;
//  2. tokenise (lexicon.go): the longest words of the vocabulary from the left; every word has a set of roles;
//  3. atoms (scan.go): what has a form of its own: phones, money, codes, times (zhtime), counts of people, mentions;
//  4. intent (intent.go, decide.go): signs are gathered and weighed; amend.go, correct.go, attend.go and ask.go try theirs first;
//  5. split (split.go) a message that holds several activities;
//  6. cut (activity.go) into pieces at separators, labels (label.go) and atoms;
//  7. fields: one file each with its words (when, place, title, branch, people, amount, phone, person, company, term …).
//
// A new field is a file with its words and a line in activity.go or need.go; a new intent is a file and a line in decide.go.
// The invariant: a message that is a question, chat, news, hearsay or a report of the past never becomes a record.
package understand
