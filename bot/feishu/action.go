package feishu

import (
	"bytes"
	"cmp"
	"encoding/json"
	"regexp"
	"strings"

	"lianbang/bot"
)

// decodeAction reads card.action.trigger: a tapped button, or a submitted form. Older callbacks have no envelope, or no
// context, and tell user and chat at their top level.
func decodeAction(p pushed, me listener) ([]bot.Event, error) {
	var b struct {
		Operator struct {
			userID
			ID     userID `json:"operator_id"`
			Tenant string `json:"tenant_key"`
		} `json:"operator"`
		OpenID  string `json:"open_id"`
		Context struct {
			Chat string `json:"open_chat_id"`
		} `json:"context"`
		Chat   string `json:"open_chat_id"`
		Action struct {
			Value json.RawMessage `json:"value"`
			Form  json.RawMessage `json:"form_value"`
		} `json:"action"`
	}
	if err := json.Unmarshal(p.body, &b); err != nil {
		return nil, errMalformed
	}
	who := userID{OpenID: cmp.Or(b.Operator.OpenID, b.Operator.ID.OpenID, b.OpenID),
		UnionID: cmp.Or(b.Operator.UnionID, b.Operator.ID.UnionID)}
	if who.OpenID == "" {
		return nil, errMalformed
	}
	value, ok := readValue(b.Action.Value)
	if !ok {
		return nil, errStrangeClick
	}
	e := p.event(bot.Clicked, me, cmp.Or(b.Context.Chat, b.Chat), who)
	e.Text, e.Addressed, e.Direct = value.Command, true, e.From.Chat == ""
	e.Outside = p.outside(b.Operator.Tenant)
	e.Topic = value.Topic
	if len(value.Fields) > 0 {
		values, err := readForm(b.Action.Form)
		if err != nil {
			return nil, err
		}
		e.Form = value.filled(values)
	}
	return []bot.Event{e}, nil
}

// readValue reads what a button hands back: our object, the same as a string, or a bare command line.
func readValue(raw json.RawMessage) (v buttonValue, ok bool) {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if raw = json.RawMessage(text); !json.Valid(raw) {
			return buttonValue{Command: strings.TrimSpace(text)}, strings.TrimSpace(text) != ""
		}
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return buttonValue{}, false
	}
	v.Command = strings.TrimSpace(v.Command)
	return v, v.Command != ""
}

// readForm gives every value of a submitted form as a person would have typed it.
func readForm(raw json.RawMessage) (map[string]string, error) {
	values := map[string]any{}
	if len(raw) > 0 {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if err := d.Decode(&values); err != nil {
			return nil, errMalformed
		}
	}
	out := make(map[string]string, len(values))
	for name, v := range values {
		out[name] = typed(v)
	}
	return out, nil
}

// zoned are the values of the pickers of dates and times, which end in the offset of the zone that the person sees
// (card-json-v2-components/date-picker, picker-time, picker-datetime).
var zoned = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2}|\d{2}:\d{2}|\d{4}-\d{2}-\d{2} \d{2}:\d{2}) [+-]\d{4}$`)

// typed is one value as a person would have typed it: a date without its zone, several choices as a list.
func typed(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		v = strings.TrimSpace(v)
		if m := zoned.FindStringSubmatch(v); m != nil {
			return m[1]
		}
		return v
	case bool:
		if v {
			return "是"
		}
		return "否"
	case []any:
		each := make([]string, 0, len(v))
		for _, one := range v {
			if s := typed(one); s != "" {
				each = append(each, s)
			}
		}
		return strings.Join(each, "、")
	case json.Number:
		return v.String()
	default:
		return "" // an object: no component has such a value
	}
}
