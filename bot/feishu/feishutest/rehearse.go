package feishutest

import (
	"net/http"
	"strings"
)

func controls(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/_fake/") }

func (s *Server) rehearse(w http.ResponseWriter, r *http.Request) { http.NotFound(w, r) }
