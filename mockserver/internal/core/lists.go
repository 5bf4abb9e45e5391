package core

import "fmt"

// InOrder does one thing after the other, up to one that fails.
func InOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// Each is a step that does something with each object of a list, up to one that
// fails; the error says which.
func Each[T any](list string, objects []T, do func(T) error) func() error {
	return func() error {
		for i, object := range objects {
			if err := do(object); err != nil {
				return fmt.Errorf("%s[%d]: %w", list, i, err)
			}
		}
		return nil
	}
}

// Adding is what [Each] does with an object when what comes of it does not matter.
func Adding[T, R any](add func(T) (R, error)) func(T) error {
	return func(object T) error {
		_, err := add(object)
		return err
	}
}
