package wecomtest

import "slices"

// getUser tells the name of a member (90196). Of who is outside the visible range nothing is told: 60011.
func (s *Server) getUser(r *request) (answer, error) {
	id := r.query.Get("userid")
	if id == "" {
		return nil, refuse(41009, "missing userid")
	}
	m := s.byUserID(id)
	switch {
	case m == nil:
		return nil, refuse(60111, "userid not found")
	case m.Hidden:
		return nil, refuse(60011, "no privilege to access/modify contact/party/agent")
	}
	return answer{"userid": m.UserID, "name": m.Name, "department": []int{1}, "main_department": 1, "status": 1}, nil
}

const maxOpenUserIDs = 1000

// toUserIDs gives the plain ids of encrypted ones (101521).
func (s *Server) toUserIDs(r *request) (answer, error) {
	var q struct {
		IDs []string `json:"open_userid_list"`
	}
	if err := r.decode(&q); err != nil {
		return nil, err
	}
	if len(q.IDs) == 0 || len(q.IDs) > maxOpenUserIDs {
		return nil, refuse(40058, "1 to 1000 ids")
	}
	known, unknown := []map[string]string{}, []string{}
	for _, id := range q.IDs {
		i := slices.IndexFunc(s.members, func(m *Member) bool { return m.OpenUserID == id && !m.Hidden })
		if i < 0 {
			unknown = append(unknown, id)
			continue
		}
		known = append(known, map[string]string{"open_userid": id, "userid": s.members[i].UserID})
	}
	return answer{"userid_list": known, "invalid_open_userid_list": unknown}, nil
}

// uploadForApp keeps a file for the app's messages, for three days (90253).
func (s *Server) uploadForApp(r *request) (answer, error) {
	return s.keepUpload(r, ownerApp, "image", "voice", "video", "file")
}

// uploadForHook keeps a file for one webhook's messages (99110).
func (s *Server) uploadForHook(r *request) (answer, error) {
	key := r.query.Get("key")
	if _, err := s.hooked(key); err != nil {
		return nil, err
	}
	return s.keepUpload(r, key, "file", "voice")
}
