package wecomtest

import (
	"slices"
	"time"
)

// Fault makes calls of the bot fail. Without Effect the call is not carried out: with nothing else set it is answered as if
// it had been. With Effect it is, and only its answer is replaced, held back or lost. On a long connection Status and Body
// cut it.
type Fault struct {
	Name   string        `json:"name"`   // of the calls, as in Call; "" = all but "connect"
	Place  string        `json:"place"`  // only calls about this chat, user or webhook key; "" = any
	Skip   int           `json:"skip"`   // so many calls pass first
	Times  int           `json:"times"`  // so many fail; 0 = one
	Effect bool          `json:"effect"` // the call is carried out
	Hang   bool          `json:"hang"`   // no answer at all: HTTP waits until the caller gives up, a frame gets no ack
	Cut    bool          `json:"cut"`    // the connection is cut instead of an answer
	Delay  time.Duration `json:"delay"`  // the answer comes so much later, by the clock; alone it is no failure
	Status int           `json:"status"` // HTTP status of the answer; 0 = 200
	Code   int           `json:"code"`   // errcode of the answer
	Body   string        `json:"body"`   // HTTP: this text instead of JSON, as of a gateway
}

// Inject makes the next calls that match f fail. Several faults hold side by side, the oldest first.
func (s *Server) Inject(f Fault) {
	f.Times = max(f.Times, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &f)
}

// Heal forgets all faults.
func (s *Server) Heal() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// fault finds and uses up the fault that holds for a call. It holds mu.
func (s *Server) fault(name, place string) *Fault {
	for i, f := range s.faults {
		if f.Name != name && (f.Name != "" || name == nameConnect) || f.Place != "" && f.Place != place {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		if f.Times--; f.Times == 0 {
			s.faults = slices.Delete(s.faults, i, i+1)
		}
		return f
	}
	return nil
}

// carriedOut reports whether a call under f takes effect.
func (f *Fault) carriedOut() bool { return f == nil || f.Effect || f.delaysOnly() }

func (f *Fault) delaysOnly() bool {
	return f.Delay > 0 && !f.Hang && !f.Cut && f.Status == 0 && f.Code == 0 && f.Body == ""
}

// overrides reports whether f replaces the answer.
func (f *Fault) overrides() bool { return f != nil && (f.Code != 0 || f.Status != 0 || f.Body != "") }

// mutes reports whether the answer does not reach the bot.
func (f *Fault) mutes() bool { return f != nil && (f.Hang || f.Cut) }
