import React from 'react';
import { validDuration } from '../../complete';
import { Form } from '../form';
import { TextField } from './TextField';

interface Props {
  form: Form;
  field: 'minDuration' | 'maxDuration' | 'step';
  label: string;
  help?: string;
  placeholder?: string;
}

const check = (text: string) => (validDuration(text) ? undefined : 'Write it like 250ms, 90s or 1h30m');

/** A duration such as 1h30m. */
export function DurationField(props: Props) {
  return <TextField {...props} width={14} check={check} />;
}
