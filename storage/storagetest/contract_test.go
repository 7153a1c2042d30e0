package storagetest_test

import (
	"lianbang/bot"
	"lianbang/handlers"
	"lianbang/storage"
)

// The handlers' store is implemented structurally: storage does not import them.
var (
	_ handlers.Store         = (*storage.Tx)(nil)
	_ bot.Store[*storage.Tx] = (*storage.DB)(nil)
)
