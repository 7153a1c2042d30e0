// Package understand turns what people write to a bot into an intent with fields: pure, no I/O, no model, no network.
// The pipeline: normalise (half-width, simplified; normal.go), with a map back to byte offsets; tokenise into the longest
// words of the vocabulary, each with a set of roles (lexicon.go, *words.go and the tables beside the fields); find atoms,
// which have a form of their own: phones, money, codes, times, counts of people (scan.go); weigh the signs of each intent
// (intent.go, decide.go; ask.go, correct.go, handle.go, attend.go, amend.go and reach.go try theirs first, complain.go
// last); divide a message that holds several activities (split.go); cut into pieces at separators, labels and atoms
// (activity.go, label.go); read the fields, one file each (when.go, by.go, place.go, title.go, extract.go, branch.go, people.go, amount.go, term.go, person.go, company.go …).
// A new field is a file with its words and a line in activity.go or need.go; a new intent is a file and a line in decide.go.
// The invariant: a question, chat, news, hearsay, an offer or a report of the past never becomes a record.
package understand
