// Package rest is the HTTP client with which an adapter calls its platform: one request, one answer, and nothing of either in
// a log or an error, because addresses and headers hold secrets.
package rest
