package feishutest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Bounds of contents (im-v1 message/create).
const (
	maxText = 150 << 10
	maxPost = maxCard
)

// check validates the content of a message and returns the keys of the images and files in it. s.mu is held.
func (s *Server) check(kind, content string) (keys []string, bad *refusal) {
	most := maxPost
	if kind == "text" {
		most = maxText
	}
	if len(content) > most {
		return nil, deny(tooLong, "The length of the message content reaches its limit.")
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(content), &fields); err != nil {
		return nil, invalid("content is not a string in json format")
	}
	switch kind {
	case "text":
		if text, ok := fields["text"].(string); !ok || text == "" {
			return nil, invalid("text is empty")
		}
	case "post":
		return s.checkPost(fields)
	case "interactive":
		return nil, s.checkCard(content, fields)
	case "image", "file", "audio", "media":
		return s.checkFile(kind, fields)
	case "share_chat", "share_user":
	default:
		return nil, invalid("invalid msg_type %q", kind)
	}
	return nil, nil
}

func (s *Server) checkFile(kind string, fields map[string]any) ([]string, *refusal) {
	name := "file_key"
	if kind == "image" {
		name = "image_key"
	}
	key, _ := fields[name].(string)
	u, ok := s.uploads[key]
	if !ok || (u.kind == "image") != (kind == "image") {
		return nil, invalid("invalid %s", name)
	}
	if (kind == "audio") != (u.kind == "opus") || (kind == "media") != (u.kind == "mp4") {
		return nil, deny(230055, "The type of file upload does not match the type of message being sent.")
	}
	return []string{key}, nil
}

// checkPost wants at least one locale, and lines of nodes in it. s.mu is held.
func (s *Server) checkPost(fields map[string]any) (keys []string, bad *refusal) {
	if len(fields) == 0 {
		return nil, invalid("post has no locale")
	}
	for locale, inside := range fields {
		post, _ := inside.(map[string]any)
		lines, ok := post["content"].([]any)
		if !ok || len(lines) == 0 {
			return nil, invalid("post.%s has no content", locale)
		}
		for _, line := range lines {
			nodes, ok := line.([]any)
			if !ok {
				return nil, invalid("a line of the post is no list")
			}
			for _, n := range nodes {
				node, _ := n.(map[string]any)
				key, _ := node["image_key"].(string)
				if _, there := s.uploads[key]; node["tag"] == "img" && !there {
					return nil, invalid("invalid image_key")
				} else if there {
					keys = append(keys, key)
				}
			}
		}
	}
	return keys, nil
}

// checkCard refuses what the platform would: with the envelope 230099 and the reason as ErrCode in its msg. s.mu is held.
func (s *Server) checkCard(content string, fields map[string]any) *refusal {
	if kind := fields["type"]; kind == "template" || kind == "card" {
		return deny(cardRefused, "Failed to create card content, ext=ErrCode: 200380; ErrMsg: template is not exist;")
	}
	known := func(id string) bool { return id == "all" || id == s.botID || s.find(id) != nil }
	switch code, sub, reason := (Judge{Known: known}).Check([]byte(content)); {
	case code == cardRefused:
		return deny(code, "Failed to create card content, ext=ErrCode: %d; ErrMsg: %s;", sub, reason)
	case code != 0:
		return deny(code, "%s", reason)
	}
	return nil
}

// textMention is a mention in a text that the app sends.
var textMention = regexp.MustCompile(`<at user_id="([^"]*)">([^<]*)</at>`)

// placeholders writes a sent text as the API answers it: mentions become @_user_1 and so on. s.mu is held.
func (s *Server) placeholders(content string) (string, []mention) {
	var fields struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal([]byte(content), &fields); err != nil {
		return content, nil
	}
	var mentions []mention
	text := textMention.ReplaceAllStringFunc(fields.Text, func(tag string) string {
		id := textMention.FindStringSubmatch(tag)[1]
		if id == "all" {
			return "@_all"
		}
		m := mention{key: "@_user_" + strconv.Itoa(len(mentions)+1), id: id, name: s.nameOf(id)}
		mentions = append(mentions, m)
		return m.key
	})
	return compact(map[string]any{"text": text}), mentions
}

// compact is JSON without insignificant space and without HTML escapes: the vendor's Node SDK verifies a signature over the
// body as it would write it itself (SDK source).
func compact(v any) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("feishutest: %T does not marshal: %v", v, err))
	}
	return strings.TrimSuffix(b.String(), "\n")
}
