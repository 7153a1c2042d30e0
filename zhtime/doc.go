// Package zhtime reads Chinese time expressions and keeps the official working calendar.
//
// Parse works in four steps: fold.go maps every rune to its half-width, simplified form; token.go cuts the text into
// numbers and words of the vocabulary (word.go), once; small rules, one file for each kind of thing (date, month, week,
// numeric, feast, clock, length), read days, clocks and amounts and resolve them against now at once, because what a
// speaker leaves out comes from the moment of speaking or from the first half of a range; point.go joins a day and a
// clock, span.go builds ranges, deadlines and lengths on points, recurrence.go makes rules. Pick chooses the expression
// that a sentence is about, and Format and its siblings write every time that the bot says.
//
// The invariant: a Match without Refused lies in the present or the future and names exactly what it says; what is
// past, impossible or contradicts itself is refused and never moved to something else.
//
// Days are days of now's location. The calendar's sources are in data/ ("papers" are the addresses of the State Council
// notices); a year without a notice uses the fixed statutory days and the lunar table and is marked as estimated.
package zhtime
