package consortium

import "errors"

// Code is the stable name of a refusal.
type Code string

// Error is a refusal: Text is plain Chinese for the person who asked, and says the next step.
type Error struct {
	Code Code
	Text string
}

// Error implements error.
func (e *Error) Error() string { return string(e.Code) + ": " + e.Text }

// UserMessage is what the person is told.
func (e *Error) UserMessage() string { return e.Text }

// Refuse makes a refusal.
func Refuse(code Code, text string) *Error { return &Error{Code: code, Text: text} }

// ErrNotFound says that no such thing is stored.
var ErrNotFound = errors.New("not found")

// ErrConflict says that the stored version is not the one that was changed: somebody else was faster.
var ErrConflict = errors.New("changed meanwhile")
