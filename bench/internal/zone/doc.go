// Package zone is an industrial zone with people who talk to the bot, for programs that measure it.
package zone
