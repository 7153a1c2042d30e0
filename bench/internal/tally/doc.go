// Package tally holds what measurements came to, and prints it beside the goals.
package tally
