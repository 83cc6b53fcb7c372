package main

import (
	"reflect"
	"strings"
)

// The types as data, from which the other side makes bodies: a word for a scalar, else an object
// with one of the members object, list and map.

func shapesOf(bodies []Body) map[string]interface{} {
	shapes := map[string]interface{}{}
	for _, body := range bodies {
		for _, one := range body.shapes {
			t := reflect.TypeOf(one)
			shapes[t.Name()] = shapeOf(t)
		}
	}
	return shapes
}

func shapeOf(t reflect.Type) interface{} {
	switch {
	case t == reflect.TypeOf(Words(nil)):
		return "words"
	case t == reflect.TypeOf([]byte(nil)):
		return "bytes"
	}
	switch t.Kind() {
	case reflect.Ptr:
		return shapeOf(t.Elem())
	case reflect.Struct:
		members := map[string]interface{}{}
		addMembers(t, members)
		return map[string]interface{}{"object": members}
	case reflect.Slice, reflect.Array:
		return map[string]interface{}{"list": shapeOf(t.Elem())}
	case reflect.Map:
		return map[string]interface{}{"map": shapeOf(t.Elem())}
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Float32, reflect.Float64:
		return "float"
	case reflect.Interface:
		return map[string]interface{}{"map": "string"}
	default:
		return "int"
	}
}

func addMembers(t reflect.Type, members map[string]interface{}) {
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		if field.Anonymous {
			inner := field.Type
			if inner.Kind() == reflect.Ptr {
				inner = inner.Elem()
			}
			addMembers(inner, members)
			continue
		}
		name := strings.Split(field.Tag.Get("json"), ",")[0]
		if name == "" {
			name = field.Name
		}
		members[name] = shapeOf(field.Type)
	}
}
