package wire

import (
	"strconv"
	"strings"
)

// AppMessage is a message or event for a self-built app: the plaintext of a callback (90239, 90240).
type AppMessage struct {
	To           string // CorpID
	From         string // userid
	CreateTime   int64  // seconds
	Type         string // MsgType: text, image, voice, event, …
	Content      string // of text
	ID           string // MsgId; events have none
	AgentID      string
	PicURL       string // of image
	MediaID      string
	Event        string // of events: enter_agent, click, template_card_event, …
	EventKey     string
	TaskID       string
	CardType     string
	ResponseCode string // the right to update the card once within 72 h: a secret
	Selected     []SelectedItem
}

// ParseAppMessage reads the plaintext of a self-built app's callback.
func ParseAppMessage(b []byte) (AppMessage, error) {
	root, err := ParseXML(b)
	if err != nil {
		return AppMessage{}, err
	}
	seconds, err := strconv.ParseInt(root.Text("CreateTime"), 10, 64)
	if err != nil || root.Text("MsgType") == "" {
		return AppMessage{}, ErrXML
	}
	m := AppMessage{
		To: root.Text("ToUserName"), From: root.Text("FromUserName"), CreateTime: seconds, Type: root.Text("MsgType"),
		Content: root.Child("Content").Chars, ID: root.Text("MsgId"), AgentID: root.Text("AgentID"),
		PicURL: root.Text("PicUrl"), MediaID: root.Text("MediaId"),
		Event: root.Text("Event"), EventKey: root.Text("EventKey"), TaskID: root.Text("TaskId"),
		CardType: root.Text("CardType"), ResponseCode: root.Text("ResponseCode"),
	}
	for _, item := range root.Child("SelectedItems").All("SelectedItem") {
		s := SelectedItem{Question: item.Text("QuestionKey")}
		for _, id := range item.Child("OptionIds").All("OptionId") {
			s.Options.IDs = append(s.Options.IDs, strings.TrimSpace(id.Chars))
		}
		m.Selected = append(m.Selected, s)
	}
	return m, nil
}

// XML is the plaintext as the platform sends it.
func (m AppMessage) XML() []byte {
	var b strings.Builder
	b.WriteString("<xml>")
	writeCDATA(&b, "ToUserName", m.To)
	writeCDATA(&b, "FromUserName", m.From)
	b.WriteString("<CreateTime>" + strconv.FormatInt(m.CreateTime, 10) + "</CreateTime>")
	writeCDATA(&b, "MsgType", m.Type)
	for _, f := range []struct{ name, text string }{
		{"Content", m.Content}, {"PicUrl", m.PicURL}, {"MediaId", m.MediaID}, {"Event", m.Event}, {"EventKey", m.EventKey},
		{"TaskId", m.TaskID}, {"CardType", m.CardType}, {"ResponseCode", m.ResponseCode}, {"MsgId", m.ID}, {"AgentID", m.AgentID},
	} {
		if f.text != "" {
			writeCDATA(&b, f.name, f.text)
		}
	}
	if len(m.Selected) > 0 {
		b.WriteString("<SelectedItems>")
		for _, s := range m.Selected {
			b.WriteString("<SelectedItem>")
			writeCDATA(&b, "QuestionKey", s.Question)
			b.WriteString("<OptionIds>")
			for _, id := range s.Options.IDs {
				writeCDATA(&b, "OptionId", id)
			}
			b.WriteString("</OptionIds></SelectedItem>")
		}
		b.WriteString("</SelectedItems>")
	}
	b.WriteString("</xml>")
	return []byte(b.String())
}
