package feishu

import (
	"context"
	"net/http"

	"lianbang/bot"
)

// Send implements bot.Adapter.
func (a *Adapter) Send(ctx context.Context, d bot.Delivery) (bot.Receipt, error) {
	kind, to := "chat_id", string(d.To.Chat)
	if to == "" {
		kind, to = "open_id", string(d.To.User)
	}
	content, err := encode(map[string]string{"text": bot.Plain(d.Body)})
	if err != nil {
		return bot.Receipt{}, err
	}
	var m struct {
		ID string `json:"message_id"`
	}
	err = a.call(ctx, http.MethodPost, "/open-apis/im/v1/messages", map[string]string{"receive_id_type": kind},
		map[string]string{"receive_id": to, "msg_type": "text", "content": string(content)}, &m)
	if err != nil {
		return bot.Receipt{}, verdict(err, d.Attempt)
	}
	return bot.Receipt{Message: m.ID, At: a.conf.Now()}, nil
}
