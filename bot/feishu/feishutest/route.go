package feishutest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"strconv"

	"lianbang/bot/fake"
)

// call is one request to the API.
type call struct {
	r    *http.Request
	body []byte // of JSON calls
}

// refusal is a failed answer. The platform gives most of them as HTTP 400 with the code in the body.
type refusal struct {
	status int
	code   int
	msg    string
	header map[string]string
	scopes []any // those of which one is missing
}

func deny(code int, format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, code: code, msg: fmt.Sprintf(format, args...)}
}

// invalid refuses a parameter, and says why where the platform does.
func invalid(format string, args ...any) *refusal {
	return deny(230001, "Your request contains an invalid request parameter, ext="+format, args...)
}

// bare is an answer that lies beside code and msg, not in data.
type bare map[string]any

// binary is an answer that is no JSON.
type binary []byte

// route is one endpoint. A call needs one of the scopes; open ones need no token.
type route struct {
	pattern string
	scopes  []string
	run     func(*call) (any, *refusal)
	open    bool
}

const maxJSON = 512 << 10 // above the 150 KB that a text may have

func (s *Server) routes() *http.ServeMux {
	speak := []string{scopeMessage, scopeSend}
	mux := http.NewServeMux()
	for _, r := range append(s.calendarRoutes(), []route{
		{pattern: "POST /open-apis/auth/v3/tenant_access_token/internal", run: s.issue, open: true},
		{pattern: "POST /callback/ws/endpoint", run: s.discover, open: true},
		{pattern: "POST /open-apis/bot/v2/hook/{token}", run: s.takeHook, open: true},
		{pattern: "GET /open-apis/bot/v3/info", run: s.botInfo},
		{pattern: "GET /open-apis/application/v6/scopes", run: s.listScopes},
		{pattern: "GET /open-apis/im/v1/chats", run: s.listChats, scopes: []string{scopeChat}},
		{pattern: "GET /open-apis/im/v1/chats/{chat}", run: s.chatInfo, scopes: []string{scopeChat}},
		{pattern: "GET /open-apis/im/v1/chats/{chat}/members", run: s.listMembers, scopes: []string{scopeMembers}},
		{pattern: "GET /open-apis/contact/v3/users/batch", run: s.usersInfo, scopes: []string{scopeContact}},
		{pattern: "GET /open-apis/contact/v3/users/{user}", run: s.userInfo, scopes: []string{scopeContact}},
		{pattern: "POST /open-apis/im/v1/messages", run: s.sending("create", s.create), scopes: speak},
		{pattern: "POST /open-apis/im/v1/messages/{message}/reply", run: s.sending("reply", s.reply), scopes: speak},
		{pattern: "PATCH /open-apis/im/v1/messages/{message}", run: s.patch, scopes: append(speak, scopeUpdate)},
		{pattern: "PUT /open-apis/im/v1/messages/{message}", run: s.edit, scopes: speak},
		{pattern: "DELETE /open-apis/im/v1/messages/{message}", run: s.recallOwn, scopes: []string{scopeMessage, scopeRecall}},
		{pattern: "GET /open-apis/im/v1/messages/{message}", run: s.read, scopes: []string{scopeMessage, scopeRead}},
		{pattern: "GET /open-apis/im/v1/messages/{message}/resources/{key}", run: s.resource, scopes: []string{scopeMessage, scopeRead}},
		{pattern: "POST /open-apis/im/v1/images", run: s.uploadImage, scopes: []string{scopeResource}},
		{pattern: "POST /open-apis/im/v1/files", run: s.uploadFile, scopes: []string{scopeResource}},
	}...) {
		mux.HandleFunc(r.pattern, s.handle(r))
	}
	mux.HandleFunc("GET /ws/v2", s.connect)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.violations.Add("call to an endpoint that the fake does not have: %s %s", r.Method, r.URL.Path)
		write(w, http.StatusNotFound, nil, map[string]any{"code": http.StatusNotFound, "msg": "404 page not found"})
	})
	return mux
}

// ServeHTTP implements http.Handler: the platform, and its people's side under /_fake/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if controls(r) {
		s.rehearse(w, r)
		return
	}
	s.mu.Lock()
	w.Header().Set("X-Tt-Logid", s.newID("fake"))
	s.mu.Unlock()
	seen := &answer{ResponseWriter: w}
	at := s.clock.Now()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.calls = fake.Keep(s.calls, Call{At: at, Method: r.Method, Path: r.URL.Path, Query: logged(r), Status: seen.status, Code: seen.code}, maxCalls)
	}()
	if f := s.fault(r); f != nil {
		s.fail(seen, r, f)
		return
	}
	s.mux.ServeHTTP(seen, r)
}

// logged is a query without what is secret in it.
func logged(r *http.Request) string {
	if r.URL.Path == "/ws/v2" {
		return ""
	}
	return r.URL.RawQuery
}

func (s *Server) handle(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &call{r: r}
		out, bad := any(nil), (*refusal)(nil)
		if !rt.open {
			bad = s.admit(r, rt.scopes)
		}
		if bad == nil {
			bad = s.load(c)
		}
		if bad == nil {
			out, bad = rt.run(c)
		}
		if bad != nil {
			s.countRefusal(bad)
			// Without data the vendor's Node SDK takes a final refusal of the endpoint for a passing fault.
			detail := map[string]any{"log_id": w.Header().Get("X-Tt-Logid")}
			if bad.scopes != nil {
				detail["permission_violations"] = bad.scopes
			}
			write(w, bad.status, bad.header, map[string]any{"code": bad.code, "msg": bad.msg, "data": struct{}{}, "error": detail})
			return
		}
		succeed(w, out)
	}
}

func succeed(w http.ResponseWriter, out any) {
	switch out := out.(type) {
	case binary:
		w.Header().Set("Content-Type", "application/octet-stream")
		// Nobody is left to tell when the caller has gone.
		_, _ = w.Write(out)
	case bare:
		whole := map[string]any{"code": 0, "msg": "ok"}
		maps.Copy(whole, out)
		write(w, http.StatusOK, nil, whole)
	default:
		if out == nil {
			out = struct{}{}
		}
		write(w, http.StatusOK, nil, map[string]any{"code": 0, "msg": "success", "data": out})
	}
}

func (s *Server) countRefusal(bad *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch bad.code {
	case 230020, 99991400, 11232:
		s.counts.Throttled++
	default:
		s.counts.Refused++
	}
}

// load reads the body of a JSON call; uploads read their own.
func (s *Server) load(c *call) *refusal {
	if c.r.Method == http.MethodGet || c.r.Method == http.MethodDelete {
		return nil
	}
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err == nil && kind == "multipart/form-data" {
		return nil
	}
	if err != nil || kind != "application/json" {
		s.violations.Add("%s %s with Content-Type %q", c.r.Method, c.r.URL.Path, c.r.Header.Get("Content-Type"))
	}
	body, err := io.ReadAll(io.LimitReader(c.r.Body, maxJSON+1))
	if err != nil {
		return deny(9499, "Bad Request: %v", err)
	}
	if len(body) > maxJSON {
		return deny(9499, "Bad Request: body of more than %d bytes", maxJSON)
	}
	c.body = body
	return nil
}

// decode reads the JSON body into into.
func (c *call) decode(into any) *refusal {
	if err := json.Unmarshal(c.body, into); err != nil {
		return deny(9499, "Bad Request: %v", err)
	}
	return nil
}

// number reads a bounded whole number from the query.
func (c *call) number(name string, without, most int) (int, *refusal) {
	text := c.r.URL.Query().Get(name)
	if text == "" {
		return without, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > most {
		return 0, deny(99992402, "field validation failed: %s", name)
	}
	return n, nil
}

func write(w http.ResponseWriter, status int, header map[string]string, body map[string]any) {
	for k, v := range header {
		w.Header().Set(k, v)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if a, ok := w.(*answer); ok {
		a.code, _ = body["code"].(int)
	}
	data, err := json.Marshal(body)
	if err != nil {
		panic(err) // every body is made here, of marshallable parts
	}
	w.WriteHeader(status)
	// Nobody is left to tell when the caller has gone.
	_, _ = w.Write(data)
}

// answer notes what was answered.
type answer struct {
	http.ResponseWriter
	status, code int
}

func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
