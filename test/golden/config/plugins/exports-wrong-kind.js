export default { kind: 'procesor', type: 'mine' };
