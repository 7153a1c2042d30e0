// Package ceiling is the bare database that the bot is measured against.
package ceiling
