// The reader: reads requests of Docker's API as an engine does, in the engine's language, and says
// what it saw. It stands for the engine in differential fuzzing (fuzz/differential); nothing of it
// is shipped. What counts as forbidden is judged here on its own, not by the manager's rules.
//
// Standard input: one frame with the world, then batches. Standard output: one frame with what the
// reader's types look like, then for each batch the answers. Numbers are little endian.
//
//	world   length u32, JSON (see world.go)
//	batch   cases u32, then each: kind u8, and three times length u32 and bytes
//	answers cases u32, then each: length u32, JSON
//
// A case has the original, what the model made of it, and what is sent on; a length of all ones
// says that there is none. Kind 0 is a request line without its version, others are the bodies in
// the order of Bodies.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

const absent = ^uint32(0)

// Seen is what one reading came to.
type Seen struct {
	// Error is what the engine would answer with a 400; then nothing else counts.
	Error string `json:"error,omitempty"`
	// View is what was read, written in one way.
	View json.RawMessage `json:"view,omitempty"`
	// Forbidden names what in it a cluster's people must not have.
	Forbidden []string `json:"forbidden,omitempty"`
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	if err := run(in, out); err != nil && err != io.EOF {
		fmt.Fprintln(os.Stderr, "reader:", err)
		os.Exit(1)
	}
}

func run(in *bufio.Reader, out *bufio.Writer) error {
	text, err := frame(in)
	if err != nil {
		return err
	}
	world, err := worldOf(text)
	if err != nil {
		return err
	}
	shapes, err := json.Marshal(shapesOf(Bodies))
	if err != nil {
		return err
	}
	if err := answer(out, shapes); err != nil {
		return err
	}
	for {
		if err := out.Flush(); err != nil {
			return err
		}
		if err := batch(world, in, out); err != nil {
			return err
		}
	}
}

// The whole batch is read before the first answer is written, so that neither side waits for the
// other with a full pipe.
func batch(world *World, in *bufio.Reader, out *bufio.Writer) error {
	n, err := number(in)
	if err != nil {
		return err
	}
	type oneCase struct {
		kind  byte
		texts [3][]byte
	}
	cases := make([]oneCase, n)
	for i := range cases {
		if cases[i].kind, err = in.ReadByte(); err != nil {
			return err
		}
		for at := range cases[i].texts {
			if cases[i].texts[at], err = frame(in); err != nil {
				return err
			}
		}
	}
	if err := binary.Write(out, binary.LittleEndian, n); err != nil {
		return err
	}
	for _, one := range cases {
		var seen [3]*Seen
		for at, text := range one.texts {
			if text != nil {
				seen[at] = world.read(one.kind, text)
			}
		}
		text, err := json.Marshal(seen)
		if err != nil {
			return err
		}
		if err := answer(out, text); err != nil {
			return err
		}
	}
	return nil
}

func (w *World) read(kind byte, text []byte) *Seen {
	var view interface{}
	var forbidden Forbidden
	var err error
	if kind == 0 {
		view, forbidden, err = w.readTarget(text)
	} else {
		view, forbidden, err = Bodies[kind-1].read(w, text)
	}
	if err != nil {
		// What is forbidden in a request that the engine refuses does no harm.
		return &Seen{Error: err.Error()}
	}
	written, err := json.Marshal(view)
	if err != nil {
		return &Seen{Error: "not writable: " + err.Error()}
	}
	return &Seen{View: written, Forbidden: forbidden.list()}
}

func number(in *bufio.Reader) (uint32, error) {
	var bytes [4]byte
	if _, err := io.ReadFull(in, bytes[:]); err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint32(bytes[:]), nil
}

// A nil slice is an absent text, an empty one is empty.
func frame(in *bufio.Reader) ([]byte, error) {
	length, err := number(in)
	if err != nil || length == absent {
		return nil, err
	}
	text := make([]byte, length)
	_, err = io.ReadFull(in, text)
	return text, err
}

func answer(out *bufio.Writer, text []byte) error {
	if err := binary.Write(out, binary.LittleEndian, uint32(len(text))); err != nil {
		return err
	}
	_, err := out.Write(text)
	return err
}
