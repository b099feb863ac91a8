import React from 'react';
import { ExecutionField } from '../fields/ExecutionField';
import { Form } from '../form';

export function TraceForm({ form }: { form: Form }) {
  return <ExecutionField form={form} />;
}
