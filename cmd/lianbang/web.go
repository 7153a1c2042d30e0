package main

import (
	"context"
	"path/filepath"

	"lianbang/bot"
	"lianbang/bot/webchat"
	"lianbang/consortium"
	"lianbang/handlers"
	"lianbang/storage"
)

// The local chat's only account.
const (
	webPlatform = bot.Platform("web")
	webAccount  = "local"
	webLimit    = 500 // rooms and people that the page lists
)

// localChat is the group chat in the browser, when the configuration wants it.
func localChat(a *App) ([]bot.Adapter, error) {
	if !a.Config.webOn() {
		return nil, nil
	}
	web, err := webchat.New(webchat.Config{
		Account: webAccount, Dir: filepath.Join(a.Config.Data, "webchat"), Rooms: a.webRooms, People: a.webPeople,
		Logger: a.Log, Now: a.Now, BotName: a.Config.BotName,
	})
	if err != nil {
		return nil, err
	}
	a.Web = web
	return []bot.Adapter{web}, nil
}

// webRooms lists the groups of the local chat: those that exist, else those of the configuration.
func (a *App) webRooms(ctx context.Context) ([]webchat.Room, error) {
	var out []webchat.Room
	err := a.DB.View(ctx, func(tx *storage.Tx) error {
		rooms, err := tx.RoomsOn(string(webPlatform)+"/"+webAccount, webLimit)
		out = nil
		for _, r := range rooms {
			title := r.Title
			if title == "" {
				title = string(r.Chat)
			}
			out = append(out, webchat.Room{Key: string(r.Chat), Title: title})
		}
		return err
	})
	known := map[string]bool{}
	for _, r := range out {
		known[r.Key] = true
	}
	demo := len(out) > 0 && !known[a.Config.Web.Rooms[0]]
	for _, title := range a.Config.Web.Rooms {
		if !known[title] && !demo {
			out = append(out, webchat.Room{Key: title, Title: title})
		}
	}
	return out, err
}

// webPeople lists whom one may be in the local chat: those who exist, else some to start with.
func (a *App) webPeople(ctx context.Context) ([]webchat.Person, error) {
	var out []webchat.Person
	err := a.DB.View(ctx, func(tx *storage.Tx) error {
		users, err := tx.UsersOn(string(webPlatform)+"/"+webAccount, webLimit)
		out = nil
		for _, u := range users {
			p := webchat.Person{Name: string(u.User), Unit: u.Unit, Role: rankLabel(u.Role)}
			if p.Unit == "" && p.Role == "" {
				p.Role = firstRole(p.Name)
			}
			out = append(out, p)
		}
		return err
	})
	known := map[string]bool{}
	for _, p := range out {
		known[p.Name] = true
	}
	for _, p := range firstPeople {
		if len(out) < 8 && !known[p.Name] {
			out = append(out, p)
		}
	}
	return out, err
}

// firstPeople are whom the page offers before anybody has spoken.
var firstPeople = []webchat.Person{
	{Name: "林书记", Role: "支部书记"}, {Name: "刘HR", Role: "企业"}, {Name: "何统筹", Role: "统筹"}, {Name: "王工", Role: "企业"},
	{Name: "张航", Role: "承办"},
}

// firstRole is the label of somebody offered from the start, who has told nothing of himself yet.
func firstRole(name string) string {
	for _, p := range firstPeople {
		if p.Name == name {
			return p.Role
		}
	}
	return ""
}

func rankLabel(r consortium.Role) string {
	if r <= consortium.Member {
		return ""
	}
	return handlers.RankWord(r)
}
