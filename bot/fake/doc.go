// Package fake is what the fake platforms have in common: their time, where they are served, and the record of what clients
// did against the protocol.
package fake
