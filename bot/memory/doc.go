// Package memory is how an adapter keeps what it has learnt of its platform within bounds, and how it asks for what it has
// not learnt yet.
package memory
