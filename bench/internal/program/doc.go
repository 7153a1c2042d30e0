// Package program is how a measuring program begins and ends: its flags, the signals that stop it, its exit status.
package program
