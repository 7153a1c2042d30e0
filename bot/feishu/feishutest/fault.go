package feishutest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
)

// Fault makes calls fail. With Code or Status alone the call has no effect; with Effect it has, and only its answer is
// replaced, held back or lost.
type Fault struct {
	Method string // "" = any
	Path   string // as path.Match takes it: /open-apis/im/v1/messages/*/reply; "" = any
	Skip   int    // so many calls pass first
	Times  int    // so many fail; 0 = one
	Effect bool   // the call is carried out
	Hang   bool   // no answer at all, until the caller gives up
	Cut    bool   // the connection is cut instead of an answer
	Status int    // of the answer; 0 = 400 with a Code, else 200
	Code   int
	Msg    string
	Header map[string]string
	Body   string // instead of an envelope: a gateway's page of text/html
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

// fault finds and uses up the fault that holds for r.
func (s *Server) fault(r *http.Request) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.Times == 0 || !f.matches(r) {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		f.Times--
		return f
	}
	return nil
}

func (f *Fault) matches(r *http.Request) bool {
	if f.Method != "" && f.Method != r.Method {
		return false
	}
	if f.Path == "" {
		return true
	}
	ok, err := path.Match(f.Path, r.URL.Path)
	return ok && err == nil
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, f *Fault) {
	if f.Effect {
		s.mux.ServeHTTP(httptest.NewRecorder(), r)
	}
	// Only a call that was read to its end tells when its caller gives up.
	_, _ = io.Copy(io.Discard, io.LimitReader(r.Body, maxFile))
	switch {
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
		panic(http.ErrAbortHandler)
	case f.Cut:
		panic(http.ErrAbortHandler)
	case f.Body != "":
		for k, v := range f.Header {
			w.Header().Set(k, v)
		}
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.status())
		_, _ = fmt.Fprint(w, f.Body) // the caller may have gone
	default:
		write(w, f.status(), f.Header, map[string]any{"code": f.Code, "msg": f.Msg, "data": map[string]any{}})
	}
}

func (f *Fault) status() int {
	switch {
	case f.Status != 0:
		return f.Status
	case f.Code != 0:
		return http.StatusBadRequest
	}
	return http.StatusOK
}
