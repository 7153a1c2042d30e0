package webchat

import (
	"strings"
	"unicode/utf8"

	"lianbang/bot"
)

// Room is a chat of the list. The wiring gives groups; private chats come with the people.
type Room struct {
	Key    string `json:"key"`
	Title  string `json:"title"`
	Direct bool   `json:"direct,omitempty"`
}

// Person is somebody whom one may be.
type Person struct {
	Name string `json:"name"`
	Unit string `json:"unit,omitempty"`
	Role string `json:"role,omitempty"` // a label: 支部书记
}

// Limits of what people may type.
const (
	MaxText  = 64 << 10 // bytes of one message
	maxFrame = 1 << 20  // bytes of one frame
	maxName  = 20       // runes of a person's name
	maxTitle = 40       // runes of a room's title
	maxRooms = 500      // groups that people open by speaking in them
)

const directPrefix = "direct:"

// Private is the name under which everybody finds his own chat with the bot, instead of a key.
const Private = "private"

// directKey is the chat of one person with the bot.
func directKey(who string) string { return directPrefix + who }

// directOwner is the person whose chat with the bot has that key, "" for a group.
func directOwner(key string) string {
	who, _ := strings.CutPrefix(key, directPrefix)
	if who == key {
		return ""
	}
	return who
}

// visible reports whether the person sees the room.
func visible(room, who string) bool {
	owner := directOwner(room)
	return owner == "" && !strings.HasPrefix(room, directPrefix) || owner == who
}

func oneLine(s string, limit int) (string, bool) {
	s = strings.Join(strings.Fields(bot.Clean(s)), " ")
	return s, s != "" && utf8.RuneCountInString(s) <= limit
}

// CleanName is a person's name as it is kept; a bot.Refusal says what is wrong with it.
func CleanName(who, botName string) (string, error) {
	name, ok := oneLine(who, maxName)
	switch {
	case name == "":
		return "", refusal("请先选一个身份，或写上您的名字。")
	case !ok:
		return "", refusal("名字太长了，请用 20 个字以内。")
	case name == botName:
		return "", refusal("“" + name + "”是机器人的名字，请换一个。")
	}
	return name, nil
}

// cleanRoom is the key of the room that who means by its key, its title, "" or Private.
func (a *Adapter) cleanRoom(room, who string) (string, error) {
	if room == "" || room == Private || room == directKey(who) {
		return directKey(who), nil
	}
	key, ok := oneLine(room, maxTitle)
	if !ok {
		return "", refusal("群名要在 1 到 40 个字之间。")
	}
	if strings.HasPrefix(key, directPrefix) {
		return "", refusal("这是别人和" + a.conf.BotName + "的私聊，不能在这里说话。")
	}
	if found := a.hub.keyOf(key); found != "" {
		return found, nil
	}
	if a.hub.full() {
		return "", refusal("群已经太多了，请到已有的群里说。")
	}
	return key, nil
}

// defaultRooms and defaultPeople are there as long as the wiring knows nobody, so that typing works at once.
var (
	defaultRooms  = []Room{{Key: "光电信息群", Title: "光电信息群"}, {Key: "企业服务群", Title: "企业服务群"}}
	defaultPeople = []Person{{Name: "林书记", Role: "支部书记"}, {Name: "刘HR", Role: "企业 HR"}, {Name: "何统筹", Role: "统筹员"}}
)

// refusal is an error whose text is meant for the speaker and that a second try does not mend.
type refusal string

// Error implements error.
func (r refusal) Error() string { return string(r) }

// UserMessage implements bot.Refusal.
func (r refusal) UserMessage() string { return string(r) }
