package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// toAttribute converts a list from the SDK to Rekognition's JSON and to a DynamoDB value of the same members. Members
// that are absent stay absent, and numbers keep the decimals of their JSON text.
func toAttribute[T any](list []T) (json.RawMessage, types.AttributeValue, error) {
	if list == nil {
		list = []T{} // an empty list, not null, as the API would have it
	}
	text, err := json.Marshal(list)
	if err != nil {
		return nil, nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var tree any
	if err := decoder.Decode(&tree); err != nil {
		return nil, nil, err
	}
	tree = withoutNulls(tree)
	if text, err = json.Marshal(tree); err != nil {
		return nil, nil, err
	}
	value, err := attributeOf(tree)
	return text, value, err
}

// withoutNulls drops the members that the SDK has as nil, which the API did not send.
func withoutNulls(tree any) any {
	switch v := tree.(type) {
	case map[string]any:
		for k, e := range v {
			if e == nil || e == "" {
				delete(v, k)
			} else {
				v[k] = withoutNulls(e)
			}
		}
	case []any:
		for i, e := range v {
			v[i] = withoutNulls(e)
		}
	}
	return tree
}

func attributeOf(tree any) (types.AttributeValue, error) {
	switch v := tree.(type) {
	case string:
		return &types.AttributeValueMemberS{Value: v}, nil
	case json.Number:
		return &types.AttributeValueMemberN{Value: v.String()}, nil
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}, nil
	case []any:
		return listOf(v)
	case map[string]any:
		return mapOf(v)
	default:
		return nil, fmt.Errorf("a DynamoDB value cannot be made of %T", tree)
	}
}

func listOf(list []any) (types.AttributeValue, error) {
	values := make([]types.AttributeValue, len(list))
	for i, e := range list {
		value, err := attributeOf(e)
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	return &types.AttributeValueMemberL{Value: values}, nil
}

func mapOf(members map[string]any) (types.AttributeValue, error) {
	values := make(map[string]types.AttributeValue, len(members))
	for k, e := range members {
		value, err := attributeOf(e)
		if err != nil {
			return nil, err
		}
		values[k] = value
	}
	return &types.AttributeValueMemberM{Value: values}, nil
}
