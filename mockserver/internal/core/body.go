package core

import (
	"errors"
	"io"
	"net/http"
)

// MaxBody is the largest request body in bytes that a world is asked to read:
// far more than any operation of a vendor needs.
const MaxBody = 4 << 20

// ErrBodyTooLarge says that a request's body is longer than is read.
var ErrBodyTooLarge = errors.New("request body is too large")

// ReadBody reads a request's body up to MaxBody. Of a longer one nothing is
// kept and the error is ErrBodyTooLarge; other errors are the reader's own.
func ReadBody(body io.Reader) ([]byte, error) { return ReadBodyUpTo(body, MaxBody) }

// ReadBodyUpTo does so with another bound.
func ReadBodyUpTo(body io.Reader, most int64) ([]byte, error) {
	if body == nil || body == http.NoBody {
		return nil, nil
	}
	read, err := io.ReadAll(io.LimitReader(body, most+1))
	if int64(len(read)) > most {
		return nil, ErrBodyTooLarge
	}
	return read, err
}
