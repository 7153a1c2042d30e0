package wecomtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// Names of calls that are no path of the REST interface.
const (
	nameConnect  = "connect"  // a socket that opens
	nameDownload = "download" // a file that somebody sent
)

const (
	maxJSON      = 4 << 20 // a webhook's picture is 2.7 MB as base64
	maxMultipart = maxFileSize + 1<<20
)

// request is one REST call.
type request struct {
	name  string // path below /cgi-bin/
	query url.Values
	body  []byte // JSON, or the file of an upload
	file  string // its name
}

// decode reads the JSON body.
func (r *request) decode(into any) error { return decode(r.body, into) }

// answer is what a call gives besides errcode and errmsg.
type answer map[string]any

// endpoint is one path of the REST interface. run holds mu.
type endpoint struct {
	method, name string
	open         bool // needs no access token
	run          func(*request) (answer, error)
}

func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	for _, e := range []endpoint{
		{"GET", "gettoken", true, s.getToken},
		{"POST", "message/send", false, s.sendMessage},
		{"POST", "message/recall", false, s.recall},
		{"POST", "message/update_template_card", false, s.updateCard},
		{"POST", "appchat/create", false, s.createChat},
		{"POST", "appchat/send", false, s.sendToChat},
		{"GET", "user/get", false, s.getUser},
		{"POST", "batch/openuserid_to_userid", false, s.toUserIDs},
		{"POST", "media/upload", false, s.uploadForApp},
		{"GET", "getcallbackip", false, s.callbackIPs},
		{"POST", "oa/calendar/add", false, s.addCalendar},
		{"POST", "oa/calendar/get", false, s.getCalendar},
		{"POST", "oa/schedule/add", false, s.addSchedule},
		{"POST", "oa/schedule/update", false, s.updateSchedule},
		{"POST", "oa/schedule/del", false, s.delSchedule},
		{"POST", "oa/schedule/get", false, s.getSchedules},
		{"POST", "oa/schedule/get_by_calendar", false, s.listSchedules},
		{"POST", "webhook/send", true, s.sendByHook},
		{"POST", "webhook/upload_media", true, s.uploadForHook},
		{"POST", "aibot/response", true, s.respondByURL},
	} {
		mux.HandleFunc(e.method+" /cgi-bin/"+e.name, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, e) })
	}
	mux.HandleFunc("GET /media/{id}", s.download)
	s.control(mux)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.violations.Add("call to an endpoint that the fake does not have: %s %s", r.Method, r.URL.Path)
		http.NotFound(w, r)
	})
	return mux
}

// serve handles one REST call: reads it, lets a fault have its way, runs it and answers. The HTTP status is 200 even for
// errors.
func (s *Server) serve(w http.ResponseWriter, r *http.Request, e endpoint) {
	req, err := s.read(r, e)
	s.mu.Lock()
	call := Call{At: s.clock.Now(), Name: e.name, Place: where(req), Body: loggable(r, req)}
	f := s.fault(e.name, call.Place)
	out := answer{}
	if err == nil && !e.open {
		err = s.admit(req)
	}
	if err == nil && f.carriedOut() {
		out, err = e.run(req)
	}
	code, text := verdict(err, s.clock.Now())
	if f != nil && f.Code != 0 {
		code, text = verdict(refuse(f.Code, "injected"), s.clock.Now())
	}
	call.Code, call.Muted = code, f.mutes()
	s.log(call)
	s.mu.Unlock()
	if f != nil && !s.delay(r, f) || f.mutes() || f != nil && (f.Status != 0 || f.Body != "") {
		s.fail(w, r, f)
		return
	}
	whole := answer{"errcode": code, "errmsg": text}
	if code == 0 {
		maps.Copy(whole, out)
	}
	writeJSON(w, http.StatusOK, whole)
}

// delay waits as f says and reports whether the caller is still there.
func (s *Server) delay(r *http.Request, f *Fault) bool {
	if f.Delay <= 0 {
		return true
	}
	rings, forget := s.clock.After(f.Delay)
	defer forget()
	select {
	case <-rings:
		return true
	case <-r.Context().Done():
	case <-s.ctx.Done():
	}
	return false
}

// fail answers as f says, or not at all.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, f *Fault) {
	if f.Hang {
		select {
		case <-r.Context().Done():
		case <-s.ctx.Done():
		}
	}
	if f.mutes() || f.Status == 0 && f.Body == "" {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "text/html")
	if f.Status != 0 {
		w.WriteHeader(f.Status)
	}
	_, _ = io.WriteString(w, f.Body) // nobody is left to tell when the caller has gone
}

// read takes the query and the bounded body of a call.
func (s *Server) read(r *http.Request, e endpoint) (*request, error) {
	req := &request{name: e.name, query: r.URL.Query()}
	if r.Method == http.MethodGet {
		return req, nil
	}
	if kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil && kind == "multipart/form-data" && params["boundary"] != "" {
		return req, readFile(r, req)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxJSON+1))
	if err != nil || len(body) > maxJSON {
		return req, refuse(45002, "the body is too large or broken off")
	}
	req.body = body
	return req, nil
}

// readFile reads the field "media" of an upload (90253, 99110).
func readFile(r *http.Request, req *request) error {
	r.Body = io.NopCloser(io.LimitReader(r.Body, maxMultipart))
	parts, err := r.MultipartReader()
	if err != nil {
		return refuse(44001, "empty media data")
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return refuse(44001, "empty media data")
		}
		if err != nil {
			return refuse(44001, "broken media data")
		}
		if part.FormName() != "media" {
			continue
		}
		req.file = part.FileName()
		var b bytes.Buffer
		if _, err := b.ReadFrom(part); err != nil {
			return refuse(45001, "file is too large or broken off")
		}
		req.body = b.Bytes()
		return nil
	}
}

// where is what a call is about: for webhooks the key, else what the body names.
func where(req *request) string {
	if strings.HasPrefix(req.name, "webhook/") {
		return req.query.Get("key")
	}
	if id := req.query.Get("userid"); id != "" {
		return id
	}
	return place(req.body)
}

// loggable is the body for the log; files are left out.
func loggable(r *http.Request, req *request) json.RawMessage {
	if req.file != "" || r.Method == http.MethodGet || !json.Valid(req.body) {
		return nil
	}
	return req.body
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err) // every body is made here, of marshallable parts
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(data) // nobody is left to tell when the caller has gone
}
