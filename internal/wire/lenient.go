package wire

// Lenient is a field of an answer whose form is a guess. Reading it never
// fails, since that would cost the caller the fields beside it, such as the key
// of a license just created; whoever asks for the value gets the error.
type Lenient[T any] struct {
	value T
	there bool
	err   error
}

// UnmarshalJSON reads whatever comes.
func (f *Lenient[T]) UnmarshalJSON(data []byte) error {
	*f = Lenient[T]{there: string(data) != "null"}
	if err := decode(data, &f.value); err != nil { // perhaps half-way
		*f = Lenient[T]{there: f.there, err: err}
	}
	return nil
}

// Get returns the value, the zero value if the field is missing or null, or the
// error if it holds something else.
func (f Lenient[T]) Get() (T, error) { return f.value, f.err }

// Has reports whether the field is there at all: neither missing nor null.
func (f Lenient[T]) Has() bool { return f.there }
