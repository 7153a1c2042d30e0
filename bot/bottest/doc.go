// Package bottest proves that things built on package bot behave: Adapter is the conformance suite that every platform's
// adapter passes against its fake platform, and Transcript plays a written conversation through a whole application and
// compares every word of the answers. Only tests import it.
//
// Invariant: a suite asserts what people would notice, never how the code is cut.
package bottest
