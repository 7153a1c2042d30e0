// Package handlers holds the commands and all the words. One file is one noun: it reads what was asked, calls the rule in
// package consortium, saves, and says what happened. views.go turns values into replies and is pure; all.go is the table.
//
// Invariant: no text that the bot says is written anywhere else.
package handlers
